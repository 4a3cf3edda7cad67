import type * as z from "zod";

/** A schema that does not transform its values. */
export type Schema<Value> = z.ZodType<Value, Value>;

/**
 * The schemas of a model's properties, without its index signature. An optional property is exact,
 * so that a parsed value fits its model under `exactOptionalPropertyTypes` too.
 */
type Shape<Model> = {
  [Name in keyof Model as string extends Name ? never : Name]-?: {} extends Pick<Model, Name>
    ? z.ZodExactOptional<Schema<Exclude<Model[Name], undefined>>>
    : Schema<Model[Name]>;
};

/** The schema of a model that rejects other properties. */
export type StrictSchema<Model> = z.ZodObject<Shape<Model>, z.core.$strict>;

/** The schema of a model that keeps other properties. */
export type LooseSchema<Model> = z.ZodObject<Shape<Model>, z.core.$loose>;
