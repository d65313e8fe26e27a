package org.palimpsest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names in files that would steer the terminal of who looks at them. */
class HostileNamesCommandTest {

  private static final List<String> NAMES =
      List.of(
          "=cmd|' /C calc'!A0",
          "-2+3",
          "\t=1+1",
          "\u001b[2J\u001b[H",
          "\u001b]0;title\u0007",
          "\u009b31m",
          "\u202egnp.exe",
          "a\rb",
          "line\nwarning: forged",
          "\ud83d\ude00");
  private static final Pattern STEERING =
      Pattern.compile("[\\p{Cc}\\p{Cf}\\p{Cs}\\p{Zl}\\p{Zp}&&[^\\n]]");

  @TempDir private Path folder;

  private Path file() throws IOException {
    ObjectNode header = new ObjectMapper().createObjectNode();
    ByteBuffer data = ByteBuffer.allocate(NAMES.size() * 36 * 4).order(ByteOrder.LITTLE_ENDIAN);
    Random random = new Random(3);
    for (String name : NAMES) {
      ObjectNode tensor = header.putObject(name + ".weight").put("dtype", "F32");
      tensor.putArray("shape").add(4).add(1).add(3).add(3);
      tensor.putArray("data_offsets").add(data.position()).add(data.position() + 36 * 4);
      for (int i = 0; i < 36; i++) {
        data.putFloat((float) random.nextGaussian());
      }
    }
    byte[] json = header.toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer whole =
        ByteBuffer.allocate(8 + json.length + data.capacity()).order(ByteOrder.LITTLE_ENDIAN);
    whole.putLong(json.length).put(json).put(data.flip());
    return Files.write(folder.resolve("\u001b[31mnet\u202e.safetensors"), whole.array());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "inspect A",
        "inspect A --format json",
        "weights A",
        "weights A --key x",
        "weights A --format json",
        "weights-compare A A",
        "weights-compare A A --format csv",
        "compare A A",
        "compare A A --format csv"
      })
  void nothingButVisibleTextIsPrinted(String command) throws IOException {
    String file = file().toString();
    Object[] words = command.split(" ");
    for (int i = 0; i < words.length; i++) {
      words[i] = words[i].equals("A") ? file : words[i];
    }
    Outcome outcome = Outcome.of(words);
    assertThat(outcome.out() + outcome.err())
        .containsIgnoringCase("\\u001b")
        .doesNotContainPattern(STEERING);
    assertThat(outcome.err().lines()).noneMatch(line -> line.startsWith("warning: forged"));
    assertThat(outcome.out().lines()).noneMatch(line -> line.startsWith("warning: forged"));
  }

  @Test
  void whatIsPrintedAsALineStaysOneAndEmojiStayWhole() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    CommandRunner.VisibleOutput out =
        CommandRunner.VisibleOutput.to(new PrintStream(bytes, true, StandardCharsets.UTF_8));
    out.println("note: a\nwarning: forged");
    out.print("two\nlines\t");
    out.write('\ud83d');
    out.write('\ude00');
    out.println();
    assertThat(bytes.toString(StandardCharsets.UTF_8))
        .isEqualTo("note: a\\u000awarning: forged\ntwo\nlines\t\ud83d\ude00\n");
  }
}
