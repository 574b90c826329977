import { chmod, chown, readdir, stat } from 'node:fs/promises';

interface HandOver {
  /** Where Docker keeps logins. The engine makes it, for root, when it is bound into a container and not there. */
  readonly folder: string;
  /** Belongs to whoever runs the stack. */
  readonly projectFolder: string;
}

/** Gives an empty folder that root owns to the owner of the project, who could not write a login there; true when it did. */
export async function handOverDockerConfig({ folder, projectFolder }: HandOver): Promise<boolean> {
  const [found, project] = await Promise.all([stat(folder), stat(projectFolder)]);
  if (found.uid !== 0 || project.uid === 0 || (await readdir(folder)).length > 0) return false;
  await chown(folder, project.uid, project.gid);
  await chmod(folder, 0o700);
  return true;
}
