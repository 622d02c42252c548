import { createElement } from 'react'
import { renderToStaticMarkup } from 'react-dom/server'
import { expect, test } from 'vitest'
import { StatusReason } from './status.tsx'

const shown = (reason: string | null) => renderToStaticMarkup(createElement(StatusReason, { reason }))

test('an agent that is not well says why', () => {
  expect(shown('its provider was asked, and it answered 500.')).toContain('its provider was asked, and it answered 500.')
  expect(shown(null)).toBe('')
})
