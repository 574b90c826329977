/** What configuration files mean: the grammar, and what is wrong with a file. */
export type { FileReading, FolderReading } from './folder/folder-reading.ts';
export { type Configuration, type EntryName, entryNames } from './grammar/configuration.ts';
export { routeOf } from './grammar/route.ts';
export { type NamedFolder, serviceFile } from './grammar/service-path.ts';
export type { ConfigurationFolder, Renderer } from './ports.ts';
export { createReadConfiguration, type Verdict } from './read-configuration.ts';
