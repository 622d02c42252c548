/** A column of a table in which secrets are sealed: its whole value, or texts within its JSON. */
export interface SealedColumn {
  table: string
  column: string
  /** What the boxes of a row are sealed for, by the other columns of it. */
  purpose(row: Readonly<Record<string, string>>): string
}
