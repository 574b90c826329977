import { RetryableError } from '@kedge/shared/kernel';

/** What the engine repeats of a registry's answer, from the most telling sentence to the least. */
const kinds = [
  { code: 'REGISTRY_RATE_LIMITED', pattern: /toomanyrequests|too many requests|rate limit/i },
  { code: 'REGISTRY_DENIED', pattern: /denied|unauthorized|authentication required|no basic auth credentials|forbidden/i },
  { code: 'ENGINE_ERROR', pattern: /no space left on device|read-only file system/i },
  { code: 'REGISTRY_NOT_FOUND', pattern: /manifest unknown|name unknown|not found|does not exist/i },
  {
    code: 'REGISTRY_UNREACHABLE',
    pattern:
      /dial |lookup |no such host|connection (?:refused|reset)|timeout|timed out|deadline exceeded|\bEOF\b|\btls\b|x509|HTTP response to HTTPS client|network is unreachable/i,
  },
] as const;

/** The error of a pull from the sentence that the engine gave; none of them is a verdict about the release. */
export function pullError(image: string, sentence: string): RetryableError {
  // Names of images and addresses may hold any of these words.
  const words = sentence.replaceAll(/\S*\/\S*/g, ' ');
  const code = kinds.find(({ pattern }) => pattern.test(words))?.code ?? 'REGISTRY_ERROR';
  return new RetryableError(code, `${image} cannot be pulled: ${sentence}`, { details: { image, sentence } });
}
