interface ReadAheadBounds {
  /** Bytes of one request. */
  readonly each: number;
  /** Of all together. */
  readonly all: number;
}

/** How much of bodies is read while nobody takes them: who leaves is noticed only where nothing unread stands before that. */
export interface ReadAhead {
  begin(): ReadAheadShare;
}

/** What one request has of it. */
export interface ReadAheadShare {
  /** What was read so far, in its order. */
  readonly chunks: readonly Buffer[];
  /** False: there is no room for more after this one, which is kept. */
  keep(chunk: Buffer): boolean;
  /** Lets go of all of it. */
  release(): void;
}

/** One budget of memory. */
export function createReadAhead({ each, all }: ReadAheadBounds): ReadAhead {
  let total = 0;
  return {
    begin() {
      let chunks: Buffer[] = [];
      let bytes = 0;
      return {
        get chunks() {
          return chunks;
        },
        keep(chunk) {
          chunks.push(chunk);
          bytes += chunk.length;
          total += chunk.length;
          return bytes < each && total < all;
        },
        release() {
          total -= bytes;
          bytes = 0;
          chunks = [];
        },
      };
    },
  };
}
