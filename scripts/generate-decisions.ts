import { readdir, readFile } from 'node:fs/promises'

const FOLDER = 'docs/decisions'

/** The index of the decisions: each by its number and the title in its first line. */
export async function generateDecisionsIndex(): Promise<string> {
  const files = (await readdir(FOLDER)).filter((file) => /^\d{4}-.+\.md$/.test(file)).sort()
  const entries = await Promise.all(
    files.map(async (file) => {
      const [, number, title] = /^# (\d+)\. (.+)$/m.exec(await readFile(`${FOLDER}/${file}`, 'utf8'))!
      return `${number}. [${title}](${file})`
    }),
  )
  return [
    '# Decisions',
    '',
    'Why things are as they are, one short file each. A decision that turns out wrong is superseded by a new file, not edited away.',
    '',
    ...entries,
    '',
  ].join('\n')
}
