import { z } from 'zod';
import { HostName, RequestPath } from './address-forms.ts';
import { PositiveDuration } from './leaf-forms.ts';
import { spelling } from './spelling.ts';
import { formed, told } from './told.ts';

const least = 'must be at least 1';
const count = () => formed(z.int().min(1, least).max(1_000_000, 'must be at most 1000000'), 'number');
const percent = () => formed(z.number().min(0, 'must be from 0 to 100').max(100, 'must be from 0 to 100'), '0 to 100');
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const CookieName = formed(z.string().regex(token, "must be letters, digits or one of !#$%&'*+-.^_`|~"), 'text');
const Status = z.int().min(500, 'must be a status from 500 to 599').max(599, 'must be a status from 500 to 599');
const hashForm = 'must be "client-ip", "header:<name>" or "cookie:<name>", such as "header:X-User"';

/** Keys of `[proxy]` that say how requests are spread over containers. They protect nothing: who does not know them spreads evenly. */
export const balancingKeys = {
  balance: told(spelling({ 'round-robin': [], 'least-requests': [], hash: [] }), {
    description:
      'who gets a request: each in turn; who has the fewest; or always the same one for what `hash_by` names, as long as it is ready',
    default: 'round-robin',
  }).optional(),
  hash_by: told(formed(z.string().regex(/^(?:client-ip|(?:header|cookie):[!#$%&'*+\-.^_`|~0-9A-Za-z]+)$/, hashForm), 'text'), {
    description: 'with `balance = "hash"`: `client-ip`, `header:<name>` or `cookie:<name>`; a request without it goes to whose turn it is',
    default: 'client-ip',
  }).optional(),
  sticky: told(
    z.strictObject({ cookie: told(CookieName, { description: 'its name', fallback: "one of the service's own" }).optional() }),
    'a client stays with its container by a cookie, which the proxy sets, and with its release while two have a share',
  ).optional(),
  eject: told(
    z.strictObject({
      failures: told(count(), {
        description: 'answers from 500 on, requests without an answer, or failed connections, one after the other',
        default: 5,
      }).optional(),
      base: told(PositiveDuration, { description: 'how long; twice as long each further time', default: '10s' }).optional(),
      max: told(PositiveDuration, {
        description: 'at most, and not less than `base`',
        fallback: '`5m`, or `base` if that is longer',
      }).optional(),
      panic: told(percent(), { description: 'when fewer than that would be left, nobody is left out', default: 50 }).optional(),
    }),
    'a container that fails again and again is left out for a while',
  ).optional(),
  retry: told(
    z.strictObject({
      attempts: told(formed(z.int().min(2, 'must be at least 2').max(10, 'must be at most 10'), '2 to 10'), {
        description: 'in all, each with another container',
        default: 2,
      }).optional(),
      statuses: told(formed(z.array(Status).min(1, 'must name at least one'), 'array of statuses'), {
        description: 'answers that are not passed on then',
        fallback: '502, 503, 504',
      }).optional(),
      budget: told(percent(), { description: 'of the requests of the last 10 s; three a second in any case', default: 20 }).optional(),
    }),
    'requests without a body whose method may be repeated (RFC 9110 §9.2.2) are asked again elsewhere',
  ).optional(),
  check: told(
    z.strictObject({
      path: told(RequestPath, { description: 'asked by GET; fine is an answer from 200 to 399', default: '/' }).optional(),
      host: told(HostName, {
        description: 'the host that is asked for',
        fallback: 'the first of the route, or `localhost` if that has a `*`',
      }).optional(),
      interval: told(PositiveDuration, { description: 'between two questions', default: '10s' }).optional(),
      timeout: told(PositiveDuration, { description: 'of one', default: '5s' }).optional(),
      failures: told(count(), { description: 'in a row, and it is left out', default: 3 }).optional(),
      successes: told(count(), { description: 'in a row, and it is taken again', default: 1 }).optional(),
    }),
    'each proxy asks each container by itself, whether it serves',
  ).optional(),
  limit: told(
    z.strictObject({
      concurrent: told(count(), 'requests, WebSockets included, that a container has at once, of each proxy'),
      queue: told(formed(z.int().min(0, 'must be 0 or more').max(1_000_000, 'must be at most 1000000'), 'number'), {
        description: 'how many of a service wait at each proxy; others get 503 at once',
        default: 1_000,
      }).optional(),
      queue_timeout: told(PositiveDuration, { description: 'for how long; then 503', default: '5s' }).optional(),
    }),
    'how much a container gets at once',
  ).optional(),
};
