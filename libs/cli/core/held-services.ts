import type { ServiceName, StatusReply, ValidateReply } from '@kedge/shared/contracts';
import { nameList } from '@kedge/shared/kernel';

/** What a configuration that is held declares, beside the one in force. */
export interface HeldServices {
  readonly adds: readonly ServiceName[];
  readonly keeps: readonly ServiceName[];
  /** Those that go without being removed: another one takes their place. */
  readonly renames: readonly ServiceName[];
}

interface Compared {
  readonly reply: Pick<ValidateReply, 'services'> & { readonly held: Pick<NonNullable<ValidateReply['held']>, 'removes'> };
  readonly status: Pick<StatusReply, 'services'>;
}

interface HeldOfOne extends HeldServices {
  readonly removes: readonly ServiceName[];
}

/** Names are all that can be compared: what a service declares is known of the configuration in force alone. */
export function heldServices({ reply: { services, held }, status }: Compared): HeldServices {
  // Of what is declared no more, none is wanted.
  const inForce = status.services.filter(({ replicas }) => replicas.wanted > 0).map(({ service }) => service);
  return {
    adds: services.filter((service) => !inForce.includes(service)),
    keeps: services.filter((service) => inForce.includes(service)),
    renames: inForce.filter((service) => !services.includes(service) && !held.removes.includes(service)),
  };
}

/** What it has beside its removals, in sentences; `compared` is null where nobody told what is in force. */
export function heldLines(services: readonly ServiceName[], compared: HeldServices | null): string[] {
  if (services.length === 0) return ['It declares no service any more.'];
  if (compared === null) return [`It declares ${nameList(services)}.`];
  const { adds, keeps, renames } = compared;
  return [
    ...(renames.length === 0 ? [] : [`It has another name for ${nameList(renames)}.`]),
    ...(adds.length === 0 ? [] : [`It adds ${nameList(adds)}.`]),
    ...(keeps.length === 0
      ? []
      : [`It still declares ${nameList(keeps)}; whether anything changes there is known only once it is in force.`]),
  ];
}

/** What it means for one service, behind "the configuration in the folder". */
export function heldMeaning(service: ServiceName, { removes, adds, keeps, renames }: HeldOfOne): string {
  const told = [
    [removes, `no longer declares ${service}, and would remove it`],
    [renames, `has another name for ${service}`],
    [adds, `adds ${service}`],
    [keeps, `still declares ${service}; whether anything changes there is known only once it is in force`],
  ] as const;
  return told.find(([services]) => services.includes(service))?.[1] ?? `does not declare ${service} either`;
}
