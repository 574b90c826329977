import { Buffer } from 'node:buffer';

/** Of a module of WebAssembly: magic number and version. */
const headerLength = 8;
const memorySection = 5;

/**
 * A module of WebAssembly whose memory grows to so many pages of 64 KiB and no further. Its own limit is what an address can reach.
 * A module without a memory of its own stays as it is.
 */
export function limitMemory(module: Uint8Array, pages: number): Uint8Array {
  for (let at = headerLength; at < module.length; ) {
    const kind = module[at];
    const { value: length, next: start } = readNumber(module, at + 1);
    const end = start + length;
    if (kind === memorySection) {
      const { value: count, next: flags } = readNumber(module, start);
      const { value: least } = readNumber(module, flags + 1);
      // Flag 1: there is a maximum.
      const body = [...number(count), 1, ...number(least), ...number(pages)];
      const section = Uint8Array.of(memorySection, ...number(body.length), ...body);
      return Buffer.concat([module.subarray(0, at), section, module.subarray(end)]);
    }
    at = end;
  }
  return module;
}

/** LEB128: seven bits a byte, the lowest first. */
function readNumber(bytes: Uint8Array, start: number): { readonly value: number; readonly next: number } {
  let value = 0;
  for (let at = start, shift = 0; ; at += 1, shift += 7) {
    const byte = bytes[at] ?? 0;
    value |= (byte & 127) << shift;
    if (byte < 128) return { value, next: at + 1 };
  }
}

function number(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...number(value >>> 7)];
}
