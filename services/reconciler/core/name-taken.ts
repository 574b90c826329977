import type { ObservedContainer } from '../ports.ts';

/** What people are told about a container that has the name of a service and that Kedge did not make: which one it is, and the ways out. */
export function nameTakenMessage(
  service: string,
  { image, createdAt }: Pick<ObservedContainer, 'image' | 'createdAt'>,
  now: number,
): string {
  const from = image === '' ? '' : ` from ${image}`;
  return (
    `a container named ${service} exists that Kedge did not make (made${from} ${ageText(now - createdAt.getTime())} ago): ` +
    `remove it (docker rm -f ${service}), rename it (docker rename ${service} ${service}-old), or give the service another name in service.toml`
  );
}

const units = [
  ['day', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
] as const;

function ageText(ms: number): string {
  for (const [unit, length] of units) {
    const count = Math.floor(ms / length);
    if (count > 0) return `${count} ${unit}${count === 1 ? '' : 's'}`;
  }
  return 'less than a minute';
}
