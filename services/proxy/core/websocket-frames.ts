/** What a server says that goes away: an unmasked close frame with the code 1001 (RFC 6455 §5.5.1, §7.4.1). */
export const goingAway: Buffer = Buffer.from([0x88, 0x02, 0x03, 0xe9]);

const closeOpcode = 0x8;

/** Follows the frames of one direction (RFC 6455 §5.2), only to know where one ends and another may begin. */
export class FrameFollower {
  /** True once a close frame began: whoever sent it says nothing else. */
  closes = false;
  readonly #head = Buffer.alloc(14);
  #headBytes = 0;
  #payloadLeft = 0n;

  /** Nothing of a frame is under way. */
  get isBetween(): boolean {
    return this.#headBytes === 0 && this.#payloadLeft === 0n;
  }

  /** Takes what comes next; returns how many of these bytes belong to frames that began before them or end among them, up to the first end. */
  take(bytes: Buffer): number {
    let at = 0;
    while (at < bytes.length) {
      if (this.#payloadLeft > 0n) {
        const step = Math.min(bytes.length - at, Number(this.#payloadLeft > 0x7fff_ffffn ? 0x7fff_ffffn : this.#payloadLeft));
        this.#payloadLeft -= BigInt(step);
        at += step;
      } else {
        this.#head[this.#headBytes] = bytes[at] ?? 0;
        this.#headBytes += 1;
        at += 1;
        this.#readHead();
      }
      if (this.isBetween) return at;
    }
    return at;
  }

  #readHead(): void {
    const [first = 0, second = 0] = this.#head;
    if (this.#headBytes < 2) return;
    const short = second & 0x7f;
    const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0;
    const maskBytes = (second & 0x80) === 0 ? 0 : 4;
    if (this.#headBytes < 2 + lengthBytes + maskBytes) return;
    this.closes ||= (first & 0x0f) === closeOpcode;
    this.#payloadLeft =
      lengthBytes === 0 ? BigInt(short) : lengthBytes === 2 ? BigInt(this.#head.readUInt16BE(2)) : this.#head.readBigUInt64BE(2);
    this.#headBytes = 0;
  }
}
