package org.palimpsest.io.internal.pt2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.palimpsest.core.PalimpsestException;

class ModuleStacksTest {

  private static final String BEGIN = "L__self__,,__main__.Net;";
  private static final List<String> NAMES =
      List.of(
          "a'b",
          "a\"b",
          "a'\"b",
          "a,b",
          "a;b",
          "a,b;c,d",
          ",",
          ";",
          "a\nb",
          "a\tb",
          "a[b",
          "a]b",
          "a(b",
          "a)b",
          "\u00e4\u6f22",
          "a b",
          "a#2",
          "a\\b",
          "a\\",
          "0",
          "x".repeat(300),
          "a:b");

  @Test
  void sizesThatPyTorchLooksUpBetweenTheModulesBelongToNone() {
    String nothing = "_empty_nn_module_stack_from_metadata_hook";
    assertThat(paths(nothing + "," + nothing + "," + nothing)).isEmpty();
  }

  private static List<String> paths(String stack) {
    return new ModuleStacks("net.pt2")
        .entries(stack).stream().map(ModuleStacks.Entry::path).toList();
  }

  /** As Python's repr writes it. */
  private static String literal(String text) {
    String inner = text.replace("\\", "\\\\").replace("\n", "\\n").replace("\t", "\\t");
    return text.contains("'") && !text.contains("\"")
        ? "\"" + inner + "\""
        : "'" + inner.replace("'", "\\'") + "'";
  }

  @Test
  void anyNamesAreReadFromExpressionsAndFromPaths() {
    SplittableRandom random = new SplittableRandom(1);
    int read = 0;
    for (int i = 0; i < 2000; i++) {
      StringBuilder written = new StringBuilder(BEGIN);
      StringBuilder plain = new StringBuilder(BEGIN);
      List<String> expected = new ArrayList<>();
      String expression = "L['self']";
      String path = "";
      for (int depth = random.nextInt(1, 5); depth > 0; depth--) {
        String name = NAMES.get(random.nextInt(NAMES.size()));
        expression = "getattr(%s, %s)".formatted(expression, literal(name));
        path = path.isEmpty() ? name : path + "." + name;
        expected.add(path);
        String end = depth == 1 ? "" : ";";
        written.append("140%d,%s,torch.nn.Conv2d%s".formatted(i, expression, end));
        plain.append("L__self__%s@%d,%s,torch.nn.Conv2d%s".formatted(path, depth, path, end));
      }
      assertThat(paths(written.toString())).isEqualTo(expected);
      try {
        assertThat(paths(plain.toString())).isEqualTo(expected);
        read++;
      } catch (PalimpsestException ambiguous) {
        assertThat(path).contains(";");
      }
    }
    assertThat(read).isGreaterThan(1000);
  }

  @Test
  void allFormsOfPyTorchAreRead() {
    assertThat(paths(BEGIN + "L__self___enc_0,enc.0,__main__.Block")).containsExactly("enc.0");
    assertThat(paths(BEGIN + "140391,enc.0,__main__.Block")).containsExactly("enc.0");
    assertThat(paths("L__self___enc:(getattr(L['self'].enc.block, '1'),torch.nn.ReLU)"))
        .containsExactly("enc.block.1");
    assertThat(paths(BEGIN + "1,L['self']._modules['a-b'].c,torch.nn.ReLU"))
        .containsExactly("a-b.c");
    assertThat(paths("")).isEmpty();
  }

  @Test
  void theNetworkMayHaveAnotherNameThanSelf() {
    assertThat(paths("L__s___up:(L['s'].up,torch.nn.Conv2d)")).containsExactly("up");
    assertThat(paths("sub0_0:(L['me'].enc[0],torch.nn.ReLU)")).containsExactly("enc.0");
    assertThat(
            paths(
                "low_low:(L['s'].heads['low'],torch.nn.ReLU);"
                    + "low_low_1:(getattr(L['s'].heads['low'], '1'),torch.nn.ReLU)"))
        .containsExactly("heads.low", "heads.low.1");
    assertThat(paths("L__net__,,__main__.Net;L__net__a,b,a,b,torch.nn.Conv2d"))
        .containsExactly("a,b");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "L__self__a,b,x,torch.nn.Conv2d",
        "L__self__a,getattr(L['self'], 'a,torch.nn.Conv2d",
        "L__self__a,getattr(L['self'], 'a\\q'),torch.nn.Conv2d",
        "L__self__a;b",
      })
  void whatCannotBeToldIsRefused(String entry) {
    assertThatThrownBy(() -> paths(BEGIN + entry))
        .isInstanceOf(PalimpsestException.class)
        .hasMessageContaining("net.pt2 does not tell clearly")
        .hasMessageContaining("L__self__a");
  }
}
