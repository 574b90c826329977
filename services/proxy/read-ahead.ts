interface ReadAheadBounds {
  /** Bytes of one request. */
  readonly each: number;
  /** Of all together. */
  readonly all: number;
}

/** How much of bodies is read while nobody takes them: who leaves is noticed only where nothing unread stands before that. */
export interface ReadAhead {
  /** `client` is who sends it, as `clientKey` has it. */
  begin(client: string): ReadAheadShare;
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

/** One budget of memory. No client has more of it than is left for all others, so that nobody takes it from them. */
export function createReadAhead({ each, all }: ReadAheadBounds): ReadAhead {
  const byClient = new Map<string, number>();
  let total = 0;

  /** Returns what the client has now. */
  function add(client: string, bytes: number): number {
    const has = (byClient.get(client) ?? 0) + bytes;
    if (has > 0) byClient.set(client, has);
    else byClient.delete(client);
    total += bytes;
    return has;
  }

  return {
    begin(client) {
      let chunks: Buffer[] = [];
      let bytes = 0;
      return {
        get chunks() {
          return chunks;
        },
        keep(chunk) {
          chunks.push(chunk);
          bytes += chunk.length;
          const has = add(client, chunk.length);
          return bytes < each && has < all - total;
        },
        release() {
          add(client, -bytes);
          bytes = 0;
          chunks = [];
        },
      };
    },
  };
}
