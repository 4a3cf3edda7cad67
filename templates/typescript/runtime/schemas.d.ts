import type { z } from "zod";

/** A schema of values that are used as they are. */
export type Schema<Value> = z.ZodType<Value, Value>;

/** The names that a model lists, leaving out that it admits others. */
type Listed<Model> = keyof {
  [Name in keyof Model as string extends Name ? never : Name]: unknown;
};

type Shape<Model> = {
  [Name in Listed<Model>]: {} extends Pick<Model, Name & keyof Model>
    ? z.ZodOptional<Schema<Exclude<Model[Name & keyof Model], undefined>>>
    : Schema<Model[Name & keyof Model]>;
};

/** A schema of a model, which refuses names that the model does not list. */
export type StrictSchema<Model> = z.ZodObject<Shape<Model>, z.core.$strict>;

/** A schema of a model, which keeps names that the model does not list. */
export type LooseSchema<Model> = z.ZodObject<Shape<Model>, z.core.$loose>;
