package org.palimpsest.reproduction.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.djl.engine.Engine;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.JniUtils;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.palimpsest.reproduction.IndependentValues;

/** Against PyTorch's own functions, run in Python. */
class SegmentationLossTest {

  private static NDArray tensor(NDManager manager, JsonNode one, String part) {
    long[] shape =
        IntStream.of(IndependentValues.integers(one.get("shape"))).asLongStream().toArray();
    return manager.create(IndependentValues.floats(one.get(part)), new Shape(shape));
  }

  /** Logits up to 80 in size, whose exponentials leave float32's range. */
  @Test
  void theLossAndItsGradientAreThoseOfPyTorch() {
    Engine.getEngine("PyTorch");
    JniUtils.setGradMode(true);
    for (JsonNode one : IndependentValues.cases("losses")) {
      try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
        NDArray logits = tensor(manager, one, "logits");
        logits.setRequiresGradient(true);
        NDArray loss = SegmentationLoss.of(logits, tensor(manager, one, "masks"));
        double expected = one.get("loss").doubleValue();
        assertThat((double) loss.getFloat()).isCloseTo(expected, within(1e-5 * (1 + expected)));
        JniUtils.backward(
            (PtNDArray) loss, (PtNDArray) manager.ones(loss.getShape()), false, false);
        float[] gradient = logits.getGradient().toFloatArray();
        float[] ofPyTorch = IndependentValues.floats(one.get("gradient"));
        assertThat(gradient).hasSameSizeAs(ofPyTorch);
        for (int i = 0; i < gradient.length; i++) {
          assertThat((double) gradient[i])
              .as("gradient %s", i)
              .isCloseTo(ofPyTorch[i], within(1e-6));
        }
      }
    }
  }

  @Test
  void diceIsTwiceTheOverlapByBothSizes() {
    for (JsonNode one : IndependentValues.cases("losses")) {
      try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
        double sum =
            DiceCoefficient.sum(
                tensor(manager, one, "logits"),
                tensor(manager, one, "masks"),
                one.get("shape").get(0).intValue());
        assertThat(sum).isCloseTo(one.get("dice").doubleValue(), within(1e-12));
      }
    }
  }

  /** By hand: two found, three there, one of them both: 2·1/5. */
  @Test
  void diceByHand() {
    try (NDManager manager = NDManager.newBaseManager(null, "PyTorch")) {
      NDArray logits = manager.create(new float[] {1, 0.5f, 0, -1}, new Shape(1, 1, 2, 2));
      NDArray masks = manager.create(new float[] {1, 0, 1, 1}, new Shape(1, 1, 2, 2));
      assertThat(DiceCoefficient.sum(logits, masks, 1)).isEqualTo(0.4);
      assertThat(DiceCoefficient.sum(logits.neg().sub(1), masks.mul(0), 1)).isEqualTo(1);
      assertThat(DiceCoefficient.sum(logits, masks.mul(0), 1)).isZero();
    }
  }
}
