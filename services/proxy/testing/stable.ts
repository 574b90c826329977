import { waitUntil } from '@kedge/shared/testing';

/** Waits until a number has not changed for a few looks. */
export async function stable(read: () => number): Promise<void> {
  let last = -1;
  let looks = 0;
  await waitUntil(() => {
    looks = read() === last && last > 0 ? looks + 1 : 0;
    last = read();
    return looks > 10;
  });
}
