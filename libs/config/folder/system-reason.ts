/** Why the system did not open a file, in words, with the code that its documentation has it under. */
export function systemReason(code: string): string {
  switch (code) {
    case 'EACCES':
    case 'EPERM':
      return `Kedge must not read it (${code}); check owner and mode of it and of its folders`;
    case 'ELOOP':
      return 'links lead in a circle (ELOOP)';
    case 'ENAMETOOLONG':
      return 'its path is longer than any file has (ENAMETOOLONG)';
    default:
      return code;
  }
}
