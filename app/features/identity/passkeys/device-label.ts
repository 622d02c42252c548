const systems: [RegExp, string][] = [
  [/iPhone|iPod/, 'iPhone'],
  [/iPad/, 'iPad'],
  [/Android/, 'Android'],
  [/CrOS/, 'Chromebook'],
  [/Windows/, 'Windows'],
  [/Mac OS X|Macintosh/, 'Mac'],
  [/Linux/, 'Linux'],
]

/** What to call a passkey that was made on this device, by what the browser calls itself. */
export const labelForDevice = (userAgent: string): string => systems.find(([pattern]) => pattern.test(userAgent))?.[1] ?? 'Passkey'
