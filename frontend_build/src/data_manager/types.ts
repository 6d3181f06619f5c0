/** What the server tells this page, as apps/web/data_manager writes it. */

export type Scalar = string | number | boolean;
export type Value = Scalar | Scalar[] | { min?: Scalar | null; max?: Scalar | null } | null;

export interface Rule {
  filter: string;
  operator: string;
  type: string;
  value: Value;
}

export interface Group {
  conjunction: "and" | "or";
  items: (Rule | Group)[];
}

export interface State {
  search: string;
  filters: Group;
  ordering: string[];
  columns: string[];
  widths: Record<string, number>;
  layout: string;
  page_size: number;
}

/** What the page shows now; `problems` has what is wrong with which filter, by its path. */
export interface PageInfo {
  project: number;
  tab: number | null;
  page: number;
  state: State;
  base: State;
  problems: Record<string, string>;
  total: number;
  isLowerBound: boolean;
}

export interface Column {
  id: string;
  title: string;
  help: string;
  type: string;
  valueType: string;
  isData: boolean;
  shownAs: string;
  operators: string[];
  isOrderable: boolean;
  choices: [string | number, string][] | null;
}

export interface ColumnsContext {
  columns: Column[];
  /** Of each type, what its operators are called, and which of them a key of the data takes when compared as it. */
  types: Record<string, { words: Record<string, string>; ofData: string[] }>;
  narrowest: number;
  widest: number;
}
