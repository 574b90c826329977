import { createHash } from 'node:crypto';

/**
 * Which of the members does the work for a key: the one with the highest hash (rendezvous hashing). When a member leaves, only its keys
 * move. Null when there is no member.
 */
export function ownerOf(key: string, members: readonly string[]): string | null {
  let owner: { readonly member: string; readonly weight: string } | null = null;
  for (const member of members) {
    const weight = createHash('sha256').update(`${member}\n${key}`).digest('hex');
    if (!owner || weight > owner.weight || (weight === owner.weight && member > owner.member)) owner = { member, weight };
  }
  return owner?.member ?? null;
}
