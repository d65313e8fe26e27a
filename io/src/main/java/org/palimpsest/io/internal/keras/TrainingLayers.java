package org.palimpsest.io.internal.keras;

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
          identity("RandomFlip").ignores("data_format mode seed value_range"),
          identity("RandomRotation")
              .ignores("data_format factor fill_mode fill_value interpolation seed value_range"),
          identity("RandomTranslation")
              .ignores(
                  "data_format fill_mode fill_value height_factor interpolation seed value_range"
                      + " width_factor"),
          identity("RandomZoom")
              .ignores(
                  "data_format fill_mode fill_value height_factor interpolation seed value_range"
                      + " width_factor"),
          identity("RandomContrast").ignores("data_format factor seed value_range"),
          identity("RandomBrightness").ignores("data_format factor seed value_range"),
          identity("RandomColorDegeneration").ignores("data_format factor seed value_range"),
          identity("RandomColorJitter")
              .ignores(
                  "brightness_factor contrast_factor data_format hue_factor saturation_factor seed"
                      + " value_range"),
          identity("RandomElasticTransform")
              .ignores(
                  "alpha data_format factor fill_mode fill_value interpolation scale seed sigma"
                      + " value_range"),
          identity("RandomErasing").ignores("data_format factor fill_value scale seed value_range"),
          identity("RandomGaussianBlur")
              .ignores("data_format factor kernel_size seed sigma value_range"),
          identity("RandomGrayscale").ignores("data_format factor seed value_range"),
          identity("RandomHue").ignores("data_format factor seed value_range"),
          identity("RandomInvert").ignores("data_format factor seed value_range"),
          identity("RandomPerspective")
              .ignores("data_format factor fill_value interpolation scale seed value_range"),
          identity("RandomPosterization").ignores("data_format factor seed value_range"),
          identity("RandomSaturation").ignores("data_format factor seed value_range"),
          identity("RandomSharpness").ignores("data_format factor seed value_range"),
          identity("RandomShear")
              .ignores(
                  "data_format fill_mode fill_value interpolation seed value_range x_factor"
                      + " y_factor"),
          identity("RandomHeight").ignores("data_format factor interpolation seed value_range"),
          identity("RandomWidth").ignores("data_format factor interpolation seed value_range"),
          identity("Identity"));

  private TrainingLayers() {}

  private static Row identity(String name) {
    return Row.of(name).takes("inputs|data").means(NONE).differsInTraining().gives(Call::input);
  }
}
