/**
 * True when what is mounted at the path was deleted since: the kernel marks the source of such a mount (proc_pid_mountinfo(5), field 4).
 * Whatever is put in its place on the host is another folder, which nobody sees through this mount.
 */
export function isDeletedMount(mountinfo: string, path: string): boolean {
  return mountinfo.split('\n').some((line) => {
    const [, , , source = '', target = ''] = line.split(' ').map(readable);
    return target === path && source.endsWith('//deleted');
  });
}

/** Blanks, line ends and backslashes are written as three octal digits. */
function readable(field: string): string {
  return field.replaceAll(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)));
}
