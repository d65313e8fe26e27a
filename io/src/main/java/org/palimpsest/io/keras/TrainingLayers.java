package org.palimpsest.io.keras;

import java.util.List;

/** Layers that hand on what they are given when nothing is trained. */
final class TrainingLayers {

  private static final String NONE = "nothing: its input is its result";

  static final List<Row> ROWS =
      List.of(
          identity("Dropout").ignores("rate noise_shape seed"),
          identity("SpatialDropout1D").ignores("rate noise_shape seed data_format"),
          identity("SpatialDropout2D").ignores("rate noise_shape seed data_format"),
          identity("SpatialDropout3D").ignores("rate noise_shape seed data_format"),
          identity("AlphaDropout").ignores("rate noise_shape seed"),
          identity("GaussianDropout").ignores("rate seed"),
          identity("GaussianNoise").ignores("stddev seed"),
          identity("ActivityRegularization").ignores("l1 l2"),
          identity("RandomFlip").ignores("mode seed data_format"),
          identity("RandomRotation")
              .ignores("factor fill_mode fill_value interpolation seed data_format value_range"),
          identity("RandomTranslation")
              .ignores(
                  "height_factor width_factor fill_mode fill_value interpolation seed data_format"),
          identity("RandomZoom")
              .ignores(
                  "height_factor width_factor fill_mode fill_value interpolation seed data_format"),
          identity("RandomContrast").ignores("factor seed value_range"),
          identity("RandomBrightness").ignores("factor seed value_range"),
          identity("Identity"));

  private TrainingLayers() {}

  private static Row identity(String name) {
    return Row.of(name).means(NONE).differsInTraining().gives(Call::input);
  }
}
