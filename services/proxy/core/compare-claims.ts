import type { Revision, ServiceName } from '@kedge/shared/contracts';
import { epochOf } from './adopt-endpoints.ts';

/** A service that wants a host and path for itself. */
export interface Claim {
  readonly name: ServiceName;
  /** It has ready targets, or its requests are held until it has. */
  readonly serves: boolean;
  /** Of its entry in the store. */
  readonly revision: Revision;
}

/**
 * Makes an order of claims: below zero when `left` gets what both claim, because it serves and the other does not, or its entry was written
 * later. So a service that is declared under another name takes its place over as soon as it is ready. Only stored facts count, and never
 * two claims are equal: every proxy decides alike. An entry of the store that was read last (`epoch`) is later than one of a store that was lost.
 */
export function compareClaims(epoch: string): (left: Claim, right: Claim) => number {
  return (left, right) => {
    if (left.serves !== right.serves) return left.serves ? -1 : 1;
    const [leftEpoch, rightEpoch] = [epochOf(left.revision), epochOf(right.revision)];
    if (leftEpoch !== rightEpoch) {
      if (leftEpoch === epoch) return -1;
      if (rightEpoch === epoch) return 1;
      return leftEpoch > rightEpoch ? -1 : 1;
    }
    return sequenceOf(right.revision) - sequenceOf(left.revision) || (left.name < right.name ? -1 : 1);
  };
}

function sequenceOf(revision: Revision): number {
  return Number(revision.slice(revision.lastIndexOf('.') + 1));
}
