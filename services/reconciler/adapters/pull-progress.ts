import { z } from 'zod';

/** One line of `POST /images/create`. */
export const PullLine = z.object({
  id: z.string().optional(),
  status: z.string().optional(),
  progressDetail: z.object({ current: z.number().optional(), total: z.number().optional() }).nullish(),
  error: z.string().optional(),
  errorDetail: z.object({ message: z.string().optional() }).nullish(),
});
export type PullLine = z.infer<typeof PullLine>;

/** Bytes of the layers seen so far. Values are replaced, not changed. */
export type LayerBytes = Readonly<Record<string, { readonly current: number; readonly total: number }>>;

/** The layers after one more line; lines that tell nothing about a download leave them as they are. */
export function withLine(layers: LayerBytes, { id, status, progressDetail }: PullLine): LayerBytes {
  if (id === undefined) return layers;
  const known = layers[id];
  const { current, total } = progressDetail ?? {};
  if (status === 'Downloading' && total !== undefined && total > 0)
    return { ...layers, [id]: { current: Math.min(current ?? 0, total), total } };
  if (known && (status === 'Download complete' || status === 'Pull complete'))
    return { ...layers, [id]: { ...known, current: known.total } };
  return layers;
}

/** How much of what is known to come has come: 0–99, since 100 is for the image being there. */
export function percentOf(layers: LayerBytes): number {
  const all = Object.values(layers);
  const total = all.reduce((sum, layer) => sum + layer.total, 0);
  const current = all.reduce((sum, layer) => sum + layer.current, 0);
  return total === 0 ? 0 : Math.min(99, Math.floor((100 * current) / total));
}

/** The engine's sentence when the line says that the pull failed. */
export function failureOf({ error, errorDetail }: PullLine): string | null {
  return errorDetail?.message ?? error ?? null;
}
