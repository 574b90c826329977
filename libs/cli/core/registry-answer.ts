import type { CheckReply, Digest, ServiceStatus } from '@kedge/shared/contracts';

/** What asking for the image of a service came to. */
export type RegistryAnswer =
  /** The digest that its tag names now. */
  | { readonly kind: 'named'; readonly digest: Digest }
  | { readonly kind: 'trouble'; readonly state: 'absent' | 'unreachable'; readonly message: string }
  /** Nobody could be asked, or there was nothing to ask for. */
  | { readonly kind: 'silent' };

/** What the watcher's answer says of the one image that it was asked for. */
export function answerOf([first]: CheckReply['checked']): RegistryAnswer {
  if (!first) return { kind: 'silent' };
  const { reference, state, digest, trouble } = first;
  // With trouble, what is present is only what was known before.
  if (state === 'present' && !trouble) return digest === null ? { kind: 'silent' } : { kind: 'named', digest };
  const otherwise = state === 'absent' ? `it has no ${reference}` : `the registry of ${reference} does not answer`;
  return {
    kind: 'trouble',
    state: state === 'absent' ? 'absent' : 'unreachable',
    message: trouble ? `${trouble.message} (${trouble.code})` : otherwise,
  };
}

/**
 * Why nobody can tell whether a service has the newest image; null when that is known, or not the registry's business: the service
 * runs the engine's own image and the status minds no registry for it, or its reference names the digest that it runs.
 */
export function troubleOf(answer: RegistryAnswer, status: ServiceStatus | null): string | null {
  if (answer.kind === 'named' || status === null || (status.digest !== null && status.image.endsWith(`@${status.digest}`))) return null;
  const { registry } = status;
  const trouble =
    answer.kind === 'trouble' ? answer : registry && { state: registry.state, message: `${registry.message} (${registry.code})` };
  if (!trouble || (status.source === 'local' && (trouble.state === 'absent' || registry === undefined))) return null;
  return trouble.message;
}
