export declare const mutants: { name: string; edits: [file: string, from: string, to: string][] }[];
