import { createContext, useContext, useState, type ReactNode } from 'react'

/** `system` follows the device. */
export type Theme = 'system' | 'light' | 'dark'

const COOKIE = 'agentbot-theme'
const YEAR_SECONDS = 31_536_000

/** The theme a visitor chose before, as their browser tells the server. */
export function themeFromCookie(header: string | null): Theme {
  const value = header?.match(/(?:^|;\s*)agentbot-theme=(\w+)/)?.[1]
  return value === 'light' || value === 'dark' ? value : 'system'
}

const ThemeContext = createContext<{ theme: Theme; setTheme(theme: Theme): void }>({ theme: 'system', setTheme: () => undefined })

export const useTheme = () => useContext(ThemeContext)

/** Keeps the theme for the page, and in a cookie for the server, which renders the next one with it. */
export function ThemeProvider({ initial, children }: { initial: Theme; children(theme: Theme): ReactNode }) {
  const [theme, setState] = useState(initial)
  const setTheme = (next: Theme) => {
    document.cookie = `${COOKIE}=${next}; path=/; max-age=${next === 'system' ? 0 : YEAR_SECONDS}; samesite=lax`
    setState(next)
  }
  return <ThemeContext.Provider value={{ theme, setTheme }}>{children(theme)}</ThemeContext.Provider>
}
