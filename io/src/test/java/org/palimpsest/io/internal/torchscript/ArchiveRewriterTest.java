package org.palimpsest.io.internal.torchscript;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.palimpsest.core.PalimpsestException;

class ArchiveRewriterTest {

  private static final String CODE =
      """
      class Net(Module):
        training : bool
        __annotations__["0"] = __torch__.Part
        def forward(self: __torch__.Net,
          x: Tensor) -> Tensor:
          _0 = getattr(self, "0")
          y = torch.zeros([4], device=torch.device("cuda:0"))
          return torch.add((_0).forward(x, ), y)
      class Part(Module):
        def forward(self: __torch__.Part,
          x: Tensor) -> Tensor:
          return torch.relu(x)
        def unused(self: __torch__.Part) -> int:
          return 3
      """;

  @Test
  void theTwinCallsTheTwinsOfItsChildrenWithTheirPaths() {
    assertThat(rewritten(CODE))
        .contains("palimpsest_path_of__0 = torch.add(palimpsest_path, \".0\")")
        .contains("(_0).palimpsest_forward(palimpsest_recorder, palimpsest_path_of__0, x, )");
  }

  @Test
  void theOriginalMethodsStayAsTheyWere() {
    assertThat(rewritten(CODE)).contains("    return torch.add((_0).forward(x, ), y)\n");
  }

  @Test
  void methodsThatLeadToNoForwardHaveNoTwin() {
    assertThat(rewritten(CODE)).doesNotContain("palimpsest_unused");
  }

  @Test
  void tensorsThatWereMadeOnAGpuAreMadeOnTheCpu() {
    assertThat(rewritten(CODE)).doesNotContain("cuda").contains("torch.device(\"cpu\")");
  }

  @Test
  void addedNamesBeginWithAWordThatTheCodeDoesNotUse() {
    String code = rewritten(CODE.replace("y = ", "palimpsest = ").replace(", y)", ", palimpsest)"));
    assertThat(code).contains("palimpsest2_forward").doesNotContain("palimpsest_forward");
  }

  @Test
  void whatAHookThatGivesNothingLeavesOfTheResultIsRecordedAfterIt() {
    String hooked =
        """
        class Net(Module):
          part : __torch__.Part
          def forward(self: __torch__.Net,
            x: Tensor) -> Tensor:
            _0 = __torch__.Part.add
            part = self.part
            _1 = (part).forward(x, )
            _2 = _0(part, (x,), _1, )
            return _1
        class Part(Module):
          __forward_hooks__ = ["add", ]
          def forward(self: __torch__.Part,
            x: Tensor) -> Tensor:
            return torch.relu(x)
          def add(self: __torch__.Part,
            given: Tuple[Tensor],
            out: Tensor) -> NoneType:
            _0 = torch.add_(out, 1.)
            return None
        """;
    String code = rewritten(hooked);
    String twin = code.substring(code.indexOf("def palimpsest_add("));
    assertThat(twin.substring(0, twin.indexOf("return "))).contains(".again(").contains("out");
  }

  @ParameterizedTest
  @CsvSource({
    "'\"cpu\", 15, True, None, ', true",
    "'\"cpu\", None, on, None, ', true",
    "'device, None, True, None, ', true",
    "'\"cuda\", 5, True, None, ', false",
    "'\"cpu\", 15, False, None, ', false"
  })
  void fewerBitsThatLibtorchWouldNotUseAreRefused(String arguments, boolean refused) {
    String code =
        """
        class Net(Module):
          def forward(self: __torch__.Net,
            x: Tensor) -> Tensor:
            _0 = __torch__.torch.amp.autocast_mode.autocast.__new__(__torch__.torch.amp.autocast_mode.autocast)
            _1 = (_0).__init__(ARGUMENTS)
            with _0:
              y = torch.relu(x)
            return y
        """
            .replace("ARGUMENTS", arguments);
    if (refused) {
      assertThatThrownBy(() -> rewritten(code))
          .isInstanceOf(PalimpsestException.class)
          .hasMessageContaining("torch.autocast");
    } else {
      assertThat(rewritten(code)).contains("palimpsest_forward");
    }
  }

  private static String rewritten(String code) {
    ScriptLibrary library =
        new ScriptLibrary(
            List.of(SourceFile.SourceParser.parse("code/__torch__.py", "__torch__", code)));
    ScriptClass root = library.find("__torch__.Net");
    Map<String, String> files =
        new ArchiveRewriter(library, root, root.methods().get("forward")).files("net/");
    return files.get("net/code/__torch__.py");
  }
}
