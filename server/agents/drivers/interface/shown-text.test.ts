import { expect, test } from 'vitest'
import { cutAbsolutePaths, cutFolders, spellingsOf } from './shown-text.ts'

test('what lies in a folder is named from there on, the inner folder first', () => {
  const folders = spellingsOf(['/srv/data', '/srv/data/agents/clerk', '/'])
  expect(cutFolders('wrote /srv/data/agents/clerk/state/log and /srv/data/app-secret in /srv/data.', folders)).toBe(
    'wrote state/log and app-secret in ..',
  )
  expect(cutFolders('cannot open "/srv/data" nor /srv/database', folders)).toBe('cannot open "." nor /srv/database')
})

test('of absolute paths the last name is left; addresses and images stay', () => {
  expect(cutAbsolutePaths('error creating /var/lib/docker/overlay2/abc: no space')).toBe('error creating abc: no space')
  const harmless = 'http://127.0.0.1:1/v1/models ghcr.io/openclaw/openclaw:1 /agent read/write'
  expect(cutAbsolutePaths(harmless)).toBe(harmless)
})
