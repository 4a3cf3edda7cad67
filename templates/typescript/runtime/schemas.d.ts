import type { z } from "zod";

/** A schema of values that are used as they are. */
export type Schema<Value> = z.ZodType<Value, Value>;

/** The schemas of the properties that a model lists, without the index signature of an open one. */
type Shape<Model> = {
  [Name in keyof Model as string extends Name ? never : Name]-?: {} extends Pick<Model, Name>
    ? z.ZodOptional<Schema<Exclude<Model[Name], undefined>>>
    : Schema<Model[Name]>;
};

/** A schema of a model, which refuses names that the model does not list. */
export type StrictSchema<Model> = z.ZodObject<Shape<Model>, z.core.$strict>;

/** A schema of a model, which keeps names that the model does not list. */
export type LooseSchema<Model> = z.ZodObject<Shape<Model>, z.core.$loose>;
