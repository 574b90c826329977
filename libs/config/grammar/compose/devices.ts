import { z } from 'zod';
import { AbsolutePath } from '../address-forms.ts';
import { formed } from '../told.ts';

const deviceForm =
  'must be a device of the host such as "/dev/sda", "/dev/sda:/dev/xvda" or "/dev/sda:/dev/xvda:rwm", or the CDI name of one, such as "nvidia.com/gpu=all"';
const permissions = /^(?!.*(.).*\1)[rwm]{1,3}$/;

/** `vendor/class=device` (Container Device Interface, SPEC.md, "kind" and "devices"). */
const cdiName = /^[a-z](?:[\w.-]*[a-z\d])?\/[a-z](?:[\w.-]*[a-z\d])?=[a-z\d](?:[\w.:-]*[a-z\d])?$/i;

const DeviceText = z.string().transform((given, context) => {
  if (cdiName.test(given)) return given;
  const [source = '', second, third] = given.split(':');
  const twoParts = third === undefined && second !== undefined && permissions.test(second);
  const target = second === undefined || twoParts ? source : second;
  const allowed = twoParts ? second : (third ?? 'rwm');
  const isPath = (path: string) => AbsolutePath.safeParse(path).success;
  const fits = given.split(':').length <= 3 && isPath(source) && isPath(target) && permissions.test(allowed);
  if (!fits) context.issues.push({ code: 'custom', message: deviceForm, input: undefined });
  return `${source}:${target}:${allowed}`;
});

const DevicePath = AbsolutePath.refine((path) => !path.includes(':'), 'must not contain ":"; the engine could not tell where it ends');

const DeviceTable = z
  .strictObject({
    source: z.string().superRefine((source, context) => {
      if (cdiName.test(source)) return;
      for (const { message } of DevicePath.safeParse(source).error?.issues ?? []) context.addIssue({ code: 'custom', message });
    }),
    target: DevicePath.optional(),
    permissions: z.string().regex(permissions, 'must be some of the letters "rwm"').optional(),
  })
  .transform(({ source, ...place }, context) => {
    if (!cdiName.test(source)) return `${source}:${place.target ?? source}:${place.permissions ?? 'rwm'}`;
    const message = 'has no meaning beside a CDI name, which says where the device appears and what may be done with it; take it out';
    for (const key of Object.keys(place)) context.issues.push({ code: 'custom', message, input: undefined, path: [key] });
    return source;
  });

/** Of a path all three parts are told, whatever was left out: the engine has them too. A CDI name stays as it is. */
export const Devices = formed(
  z.array(z.union([DeviceText, DeviceTable], { error: deviceForm })),
  'array of `host:container:rwm`, or of CDI names',
);
