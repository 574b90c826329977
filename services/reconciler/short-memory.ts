/** What was noted of the last few commands. Each is forgotten when newer ones push it out: losing it only makes somebody wait or ask again. */
export interface ShortMemory<Value> {
  get(command: string): Value | undefined;
  note(command: string, value: Value): void;
  forget(command: string): void;
}

const remembered = 64;

/** Keeps the last 64. */
export function createShortMemory<Value>(): ShortMemory<Value> {
  const notes = new Map<string, Value>();
  return {
    get: (command) => notes.get(command),
    note(command, value) {
      notes.delete(command);
      notes.set(command, value);
      for (const oldest of [...notes.keys()].slice(0, -remembered)) notes.delete(oldest);
    },
    forget: (command) => void notes.delete(command),
  };
}
