import { z } from 'zod';
import { Instant } from './names.ts';

/** Identifiers and names: short, because whoever takes a message keeps them. */
const Short = z.string().max(512);

/**
 * CloudEvents 1.0 in structured JSON. `type` is the subject and `.v1`; `subject` is the service; `correlationid` names the rollout
 * or run; `causationid` the event that led here; `actor` the person or hook that asked. Extension names are lower case by that
 * specification (§Attribute naming conventions).
 */
export const CloudEvent = z
  .object({
    specversion: z.literal('1.0'),
    id: Short.min(1),
    source: Short.min(1),
    type: Short.min(1),
    time: Instant,
    subject: Short.optional(),
    datacontenttype: z.literal('application/json').optional(),
    kedgenode: Short,
    correlationid: Short.optional(),
    causationid: Short.optional(),
    actor: Short.optional(),
    data: z.unknown(),
  })
  .meta({ id: 'CloudEvent' });
export type CloudEvent<Data = unknown> = Omit<z.infer<typeof CloudEvent>, 'data'> & { readonly data: Data };

/** What connects an event to what led to it. */
export interface EventContext {
  readonly correlationid?: string | undefined;
  readonly causationid?: string | undefined;
  readonly actor?: string | undefined;
}

/** An event that a stored value still owes the world; its id follows from the key and revision that hold it. */
export const OwedEvent = z
  .object({
    subject: z.string(),
    time: Instant,
    service: z.string().optional(),
    correlationid: z.string().optional(),
    causationid: z.string().optional(),
    actor: z.string().optional(),
    data: z.unknown(),
  })
  .meta({ id: 'OwedEvent' });
export type OwedEvent = z.infer<typeof OwedEvent>;

/** Mixed into every stored value that owes events. */
export const owing = { owes: z.array(OwedEvent).optional() };
