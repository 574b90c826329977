/** Something that holds a resource until it is closed. Closing twice is harmless. */
export interface Closable {
  close(): Promise<void>;
}
