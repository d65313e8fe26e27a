package org.palimpsest.io.internal.torchscript;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class ScriptTextTest {

  @Test
  void bracketsAndCommasInLiteralsDoNotCount() {
    String text = "a, \"(,\\\",\", [b, c], {d: (e, f)}, ";
    assertThat(ScriptText.splitAtCommas(text))
        .containsExactly("a", "\"(,\\\",\"", "[b, c]", "{d: (e, f)}");
  }

  @Test
  void maskingKeepsLengthAndBrackets() {
    String text = "getattr(x, \"0)\")";
    assertThat(ScriptText.maskLiterals(text)).hasSameSizeAs(text).isEqualTo("getattr(x, \"__\")");
    assertThat(ScriptLine.of(text).partner(7)).isEqualTo(text.length() - 1);
  }

  @Test
  void typesAreReadWithTheirArguments() {
    ScriptType type = ScriptType.parse("Dict[str, Tuple[Tensor, Optional[Tensor]]]");
    assertThat(type.name()).isEqualTo("Dict");
    assertThat(type.arguments().get(1).arguments())
        .isEqualTo(
            List.of(
                new ScriptType("Tensor", List.of()),
                new ScriptType("Optional", List.of(new ScriptType("Tensor", List.of())))));
    assertThat(type).hasToString("Dict[str, Tuple[Tensor, Optional[Tensor]]]");
  }
}
