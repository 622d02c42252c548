import { Monitor, Moon, Sun } from 'lucide-react'
import { IconButton } from '../ui/button.tsx'
import { useTheme, type Theme } from './theme.tsx'

const next: Record<Theme, Theme> = { system: 'light', light: 'dark', dark: 'system' }
const names: Record<Theme, string> = { system: 'as your device', light: 'light', dark: 'dark' }
const icons = { system: Monitor, light: Sun, dark: Moon }

/** One button that goes round: as the device, light, dark. */
export function ThemeSwitch() {
  const { theme, setTheme } = useTheme()
  const Icon = icons[theme]
  return (
    <IconButton label={`Theme: ${names[theme]}. Switch to ${names[next[theme]]}`} onClick={() => setTheme(next[theme])}>
      <Icon size={18} aria-hidden />
    </IconButton>
  )
}
