// The types that Grafana's own code has for what is in the dashboard. `check.sh`
// puts the dashboard itself behind this, as a constant of the type `Loaded`.
import type {
  Dashboard, DataQuery, FieldConfig, Panel, RowPanel,
} from '@grafana/schema';
import type {
  Options as StatOptions,
} from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type {
  FieldConfig as TimeSeriesFieldConfig, Options as TimeSeriesOptions,
} from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

/** As `T` is in JSON: enums are their values. */
type InJson<T> =
  T extends string ? `${T}`
    : T extends number | boolean | null | undefined ? T
      : T extends (infer Element)[] ? InJson<Element>[]
        : T extends object ? {[Key in keyof T]: InJson<T[Key]>} : T;

/** Part of `T`: Grafana puts its defaults where something is missing. */
type Given<T> =
  T extends (infer Element)[] ? Given<Element>[]
    : T extends object ? {[Key in keyof T]?: Given<T[Key]>} : T;

/** A query of the data source "prometheus", which has no published type. */
interface PrometheusQuery extends DataQuery {
  expr: string;
  legendFormat: string;
  range: true;
}

interface Shown<Type extends string, Options, Custom>
  extends Omit<Panel, 'type' | 'options' | 'fieldConfig' | 'targets'> {
  type: Type;
  options: Given<Options>;
  fieldConfig: {
    defaults: Omit<FieldConfig, 'custom'> & {custom?: Given<Custom>};
    overrides: [];
  };
  targets: PrometheusQuery[];
}

type Plot = Shown<'timeseries', TimeSeriesOptions, TimeSeriesFieldConfig>;
type Figure = Shown<'stat', StatOptions, never>;

type Loaded = InJson<
  Omit<Dashboard, 'panels'> & {panels: (RowPanel | Plot | Figure)[]}>;
