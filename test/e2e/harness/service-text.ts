interface ServiceText {
  readonly name: string;
  readonly image: string;
  readonly host?: string;
  readonly restart?: string;
  readonly watch?: boolean;
  readonly cron?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Lines added to [service]. */
  readonly service?: readonly string[];
  /** Lines added at the end. */
  readonly more?: readonly string[];
}

/** The text of a service.toml for one application of the stories. */
export function serviceText({
  name,
  image,
  host,
  restart = 'always',
  watch = true,
  cron,
  env = {},
  service = [],
  more = [],
}: ServiceText): string {
  return [
    '[service]',
    `name = "${name}"`,
    `image = "${image}"`,
    `restart = "${restart}"`,
    ...service,
    '',
    '[dispenser]',
    `watch = ${watch}`,
    ...(cron === undefined ? [] : [`cron = "${cron}"`, 'initialize = "on-trigger"']),
    '',
    ...(host === undefined ? [] : ['[proxy]', `host = "${host}"`, 'service_port = 8080', '']),
    ...(Object.keys(env).length === 0 ? [] : ['[env]', ...Object.entries(env).map(([key, value]) => `${key} = "${value}"`), '']),
    ...more,
    '',
  ].join('\n');
}
