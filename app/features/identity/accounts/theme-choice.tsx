import { useTheme, type Theme } from '../../../shell/theme.tsx'

const choices: { theme: Theme; name: string }[] = [
  { theme: 'system', name: 'As your device' },
  { theme: 'light', name: 'Light' },
  { theme: 'dark', name: 'Dark' },
]

export function ThemeChoice() {
  const { theme: chosen, setTheme } = useTheme()
  return (
    <fieldset className="flex flex-wrap gap-2">
      <legend className="sr-only">Theme</legend>
      {choices.map(({ theme, name }) => (
        <label
          key={theme}
          className="flex min-h-10 cursor-pointer items-center gap-2.5 rounded-lg border border-line-strong px-4 text-sm font-medium has-checked:border-ink has-checked:bg-sunken"
        >
          <input type="radio" name="theme" className="size-4.5 accent-ink" checked={chosen === theme} onChange={() => setTheme(theme)} />
          {name}
        </label>
      ))}
    </fieldset>
  )
}
