/** Architectures as the engine's host calls them, and as images do (Go's GOARCH, with the variant where images need it). */
const architectures: Readonly<Record<string, string>> = {
  x86_64: 'amd64',
  aarch64: 'arm64',
  armv7l: 'arm/v7',
  armv6l: 'arm/v6',
  i386: '386',
  i686: '386',
};

/** The platform of images that the engine runs, for example `linux/amd64`. */
export function platformOf({ OSType, Architecture }: { readonly OSType: string; readonly Architecture: string }): string {
  return `${OSType}/${architectures[Architecture] ?? Architecture}`;
}
