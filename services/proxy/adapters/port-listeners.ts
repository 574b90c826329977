import { readFile } from 'node:fs/promises';

/** Of the states in the kernel's tables (`TCP_LISTEN` in `net/tcp_states.h`). */
const listenState = '0A';

/** The sockets that listen on a port in this network namespace, whosever they are, by inode. None where there is no such table. */
export async function portListeners(port: number): Promise<ReadonlySet<string>> {
  const tables = await Promise.all(['/proc/net/tcp', '/proc/net/tcp6'].map(readTable));
  return new Set(tables.flatMap((table) => listenersIn(table, port)));
}

/** Reads `/proc/net/tcp`: of each row the local address and port (hexadecimal), the state and the inode. */
export function listenersIn(table: string, port: number): readonly string[] {
  const rows = table
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/));
  return rows.flatMap(([, local = '', , state, , , , , , inode]) => {
    const listens = state === listenState && Number.parseInt(local.split(':')[1] ?? '', 16) === port;
    return listens && inode !== undefined ? [inode] : [];
  });
}

/** Only Linux has it; without IPv6 one of the two is missing. */
async function readTable(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch {
    return '';
  }
}
