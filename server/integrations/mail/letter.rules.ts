import type { Letter, LetterPart } from './letter.ts'

/** The letter as plain text. `appUrl` says who sent it. */
export const letterText = ({ parts }: Letter, appUrl: string): string => `${[...parts.map(partText), `-- \n${appUrl}`].join('\n\n')}\n`

function partText(part: LetterPart): string {
  if (typeof part === 'string') return part
  if ('link' in part) return `${part.label}:\n${part.link}`
  return part.facts.map(([name, value]) => `${name}: ${oneLine(value)}`).join('\n')
}

/** The letter as a page of HTML, without anything that would be fetched. */
export const letterHtml = ({ subject, parts }: Letter, appUrl: string): string =>
  `<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">` +
  `<meta name="color-scheme" content="light dark"><title>${escape(subject)}</title></head>` +
  `<body style="margin:0;padding:24px 16px;font:16px/1.5 system-ui,sans-serif"><div style="max-width:34rem;margin:0 auto">` +
  parts.map(partHtml).join('') +
  `<p style="margin-top:32px;font-size:13px;opacity:.7">Sent by Agentbot at ${escape(appUrl)}</p></div></body></html>\n`

function partHtml(part: LetterPart): string {
  if (typeof part === 'string') return `<p>${escape(part)}</p>`
  if ('link' in part) {
    const link = escape(part.link)
    const button = 'display:inline-block;padding:10px 18px;border-radius:8px;background:#1f2937;color:#fff;text-decoration:none'
    return (
      `<p><a href="${link}" style="${button}">${escape(part.label)}</a></p>` +
      `<p style="font-size:13px;overflow-wrap:anywhere">If the button does not work, open ${link}</p>`
    )
  }
  const rows = part.facts.map(
    ([name, value]) => `<tr><td style="padding:2px 16px 2px 0;opacity:.7">${escape(name)}</td><td>${escape(oneLine(value))}</td></tr>`,
  )
  return `<table style="border-collapse:collapse">${rows.join('')}</table>`
}

/** A value may have been chosen by whoever it is about. */
const oneLine = (value: string): string => value.replace(/\s+/g, ' ').trim()

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }
const escape = (text: string): string => text.replace(/[&<>"']/g, (letter) => entities[letter]!)
