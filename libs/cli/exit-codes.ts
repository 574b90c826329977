import { errorCode } from '@kedge/shared/kernel';

/** What the process ends with. Part of the interface: scripts rely on it. */
export const exitCodes = {
  fine: 0,
  /** Wrong usage, or what was asked for did not work. */
  failed: 1,
  /** The bus, or the component that was asked, does not answer. */
  unreachable: 2,
  /** Only with `--exit-code`: all was answered, and something needs attention. */
  attention: 3,
  /** Ctrl-C while waiting for or following something, as `docker` and `kubectl` have it. */
  interrupted: 130,
} as const;
/** One of `exitCodes`. */
export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** What `kedge --help` ends with. */
export const exitCodesHelp = `
Exit codes:
  0    fine
  1    wrong usage, or what was asked for did not work
  2    the bus, or the component that was asked, does not answer
  3    something needs attention (only with --exit-code: status, plan, doctor)
  130  ended by Ctrl-C while waiting or following`;

const unreachableCodes: readonly string[] = ['BUS_UNAVAILABLE', 'BUS_KEY_MISSING', 'BUS_KEY_REFUSED', 'REQUEST_UNANSWERED'];

/** Of a command that ended in this error. */
export function exitCodeOf(thrown: unknown): ExitCode {
  return unreachableCodes.includes(errorCode(thrown)) ? exitCodes.unreachable : exitCodes.failed;
}
