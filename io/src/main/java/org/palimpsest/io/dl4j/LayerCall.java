package org.palimpsest.io.dl4j;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Supplier;
import org.deeplearning4j.nn.conf.layers.Layer;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.palimpsest.core.PalimpsestException;

/** Tells of a layer how it is set, where DL4J stumbles over a setting without a name. */
final class LayerCall {

  private static final List<String> GETTERS =
      List.of(
          "getKernelSize",
          "getStride",
          "getPadding",
          "getDilation",
          "getSize",
          "getConvolutionMode",
          "getPoolingType",
          "getActivationFn");

  private LayerCall() {}

  /**
   * Runs a layer.
   *
   * @throws PalimpsestException if a setting is missing, or is no list of as many values as needed
   */
  static INDArray run(String name, Layer layer, INDArray input, Supplier<INDArray> answer) {
    try {
      return answer.get();
    } catch (NullPointerException
        | IndexOutOfBoundsException
        | NegativeArraySizeException
        | ClassCastException failure) {
      Layer inner = DataFormats.unwrap(layer);
      throw new PalimpsestException(
          "Layer '%s' (%s) cannot take values of the shape %s as it is set: %s."
              .formatted(
                  name,
                  inner.getClass().getSimpleName(),
                  Arrays.toString(input.shape()),
                  String.join(", ", told(inner))),
          failure);
    }
  }

  private static List<String> told(Layer layer) {
    List<String> told = new ArrayList<>();
    for (Method method : layer.getClass().getMethods()) {
      if (GETTERS.contains(method.getName()) && method.getParameterCount() == 0) {
        String setting = method.getName().substring("get".length());
        told.add(
            Character.toLowerCase(setting.charAt(0))
                + setting.substring(1)
                + " = "
                + value(layer, method));
      }
    }
    told.sort(null);
    return told.isEmpty() ? List.of("a setting is missing") : told;
  }

  private static String value(Layer layer, Method getter) {
    try {
      Object value = getter.invoke(layer);
      return value instanceof int[] numbers ? Arrays.toString(numbers) : String.valueOf(value);
    } catch (IllegalAccessException | InvocationTargetException untold) {
      return "?";
    }
  }
}
