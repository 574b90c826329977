const words = 'cannot be read: ';

/** What is told of a file that is there and is no text that can be read. */
export function cannotBeRead(trouble: string | undefined): string {
  return `${words}${trouble ?? 'unknown reason'}`;
}

/** Whether that is what is wrong: then no place in the file can be shown, and the one that names it is. */
export function isUnreadable({ message, offset }: { readonly message: string; readonly offset: number }): boolean {
  return offset === 0 && message.startsWith(words);
}
