/** Of files, by what they are; a larger one is a mistake. */
export const largestBytes = {
  /** Of a main file, and of the file of a service: its spec would not fit into KV. */
  configuration: 256 * 1024,
  /** Of files that only variables are read of, and of whatever is rendered from disk. */
  variables: 1024 * 1024,
} as const;
