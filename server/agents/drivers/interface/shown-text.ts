import { realpathSync } from 'node:fs'
import { resolve } from 'node:path'

// Where a server keeps its things is the business of its operator. What runtimes write and say is shown to tenants.

/** The same folders in every spelling a program may write them in, longest first; those that do not exist as they are. */
export function spellingsOf(folders: readonly string[]): string[] {
  const spellings = folders.flatMap((folder) => [resolve(folder), realPathOf(folder)]).filter((path) => path !== '/')
  return [...new Set(spellings)].sort((a, b) => b.length - a.length)
}

function realPathOf(folder: string): string {
  try {
    return realpathSync(folder)
  } catch {
    return resolve(folder)
  }
}

/** Names what lies in one of these folders from there on. @param folders As `spellingsOf` gives them. */
export const cutFolders = (text: string, folders: readonly string[]): string =>
  folders.reduce((shown, folder) => {
    const pattern = new RegExp(`${folder.replaceAll(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')}(/|(?![\\w-]|\\.\\w))`, 'g')
    return shown.replaceAll(pattern, (_match, slash: string) => (slash ? '' : '.'))
  }, text)

/** Folders of two or more names at the beginning of a path; addresses with a scheme and names of images do not begin so. */
const ABSOLUTE_FOLDER = /(?<![\w:/.-])(?:\/[\w.@+-]+)+\/(?=[\w.@+-])/g

/** Leaves the last name of every absolute path: for what another program says of a machine nobody here knows. */
export const cutAbsolutePaths = (text: string): string => text.replaceAll(ABSOLUTE_FOLDER, '')
