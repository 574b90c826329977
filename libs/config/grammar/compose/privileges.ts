import { nearest } from '@kedge/shared/kernel';
import { z } from 'zod';
import { formed } from '../told.ts';

/** Of Linux (capabilities(7)), up to 5.9, after which none came; and `ALL`. */
const capabilities = `
  ALL AUDIT_CONTROL AUDIT_READ AUDIT_WRITE BLOCK_SUSPEND BPF CHECKPOINT_RESTORE CHOWN DAC_OVERRIDE DAC_READ_SEARCH
  FOWNER FSETID IPC_LOCK IPC_OWNER KILL LEASE LINUX_IMMUTABLE MAC_ADMIN MAC_OVERRIDE MKNOD NET_ADMIN NET_BIND_SERVICE
  NET_BROADCAST NET_RAW PERFMON SETFCAP SETGID SETPCAP SETUID SYSLOG SYS_ADMIN SYS_BOOT SYS_CHROOT SYS_MODULE SYS_NICE
  SYS_PACCT SYS_PTRACE SYS_RAWIO SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG WAKE_ALARM
`
  .trim()
  .split(/\s+/);

const Capability = z.string().transform((given, context) => {
  const name = given.trim().toUpperCase().replace(/^CAP_/, '');
  if (capabilities.includes(name)) return name;
  const near = nearest(name, capabilities);
  context.issues.push({
    code: 'custom',
    message: 'is no capability of Linux; write one such as "NET_ADMIN", or "ALL"',
    params: { quoting: near === null ? undefined : `the nearest is "${near}"` },
    input: undefined,
  });
  return z.NEVER;
});

/** With or without `CAP_`, in any case; told without, in capitals, each once. */
export const Capabilities = formed(z.array(Capability), 'array of texts').transform((list) => [...new Set(list)]);

const optionForm =
  'must be "no-new-privileges", "apparmor=…", "label=…", "seccomp=unconfined", "systempaths=unconfined" or "writable-cgroups=…"';
const profile = 'must be "seccomp=unconfined", "seccomp=builtin" or the profile itself as JSON: Kedge reads no profile from a file';

const SecurityOption = z
  .string()
  .regex(/^(?:no-new-privileges|writable-cgroups)(?:[=:](?:true|false))?$|^(?:apparmor|label|seccomp|systempaths)[=:]./, optionForm)
  .refine((option) => !/^seccomp[=:]/.test(option) || /^seccomp[=:](?:unconfined$|builtin$|\{)/.test(option), profile)
  .refine(
    (option) => !/^seccomp[=:]\{/.test(option) || isJson(option.slice('seccomp='.length)),
    'has a seccomp profile that is no valid JSON',
  )
  .refine((option) => !/^systempaths[=:]/.test(option) || /^systempaths[=:]unconfined$/.test(option), optionForm);

/** As the engine takes them, in the order that was written; what it does not know is refused here. */
export const SecurityOptions = formed(z.array(SecurityOption), 'array of texts');

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
