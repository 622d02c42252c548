import { expect, test } from 'vitest'
import { letterHtml, letterText } from './letter.rules.ts'

const letter = {
  subject: 'Two & "three"',
  parts: [
    'Somebody <asked> for it.',
    { link: 'https://agents.example.org/reset-password#a"b', label: 'Choose a password' },
    { facts: [['Browser', 'Mozilla\n\nReset here: https://evil.example <b>']] },
  ],
} as const

test('the text has everything the page has', () => {
  expect(letterText(letter, 'https://agents.example.org')).toBe(`Somebody <asked> for it.

Choose a password:
https://agents.example.org/reset-password#a"b

Browser: Mozilla Reset here: https://evil.example <b>

--${' '}
https://agents.example.org
`)
})

test('nothing that is said becomes markup', () => {
  const html = letterHtml(letter, 'https://agents.example.org')
  expect(html).toContain('<title>Two &amp; &quot;three&quot;</title>')
  expect(html).toContain('<p>Somebody &lt;asked&gt; for it.</p>')
  expect(html).toContain('href="https://agents.example.org/reset-password#a&quot;b"')
  expect(html).toContain('Mozilla Reset here: https://evil.example &lt;b&gt;')
  expect(html).not.toMatch(/<(?:img|script|link)|url\(/)
})
