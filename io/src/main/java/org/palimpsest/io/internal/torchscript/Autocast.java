package org.palimpsest.io.internal.torchscript;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.palimpsest.core.PalimpsestException;

/**
 * Scripts that let parts of a network run in fewer bits ({@code torch.autocast}). libtorch's
 * interpreter does so only in a form of running that is not used here, so that these parts would
 * quietly run in float32.
 */
final class Autocast {

  private static final Pattern MADE =
      Pattern.compile("\\b(\\w+) = [\\w.]*\\bautocast_mode\\.autocast\\.__new__\\(");
  private static final Pattern NOT_ON_CPU = Pattern.compile("\"(?!cpu\")\\w+\".*");
  private static final Pattern SWITCHED_OFF = Pattern.compile("(\"cpu\", )?[^,]*, False, .*");

  private Autocast() {}

  /**
   * @throws PalimpsestException if there is one that has an effect here
   */
  static void requireNone(SourceFile file) {
    for (int i = 0; i < file.lines().size(); i++) {
      Matcher made = MADE.matcher(file.lines().get(i));
      if (made.find()) {
        String begin = "(%s).__init__(".formatted(made.group(1));
        String next = i + 1 < file.lines().size() ? file.lines().get(i + 1) : "";
        int at = next.indexOf(begin);
        String arguments = at < 0 ? "" : next.substring(at + begin.length());
        if (!NOT_ON_CPU.matcher(arguments).matches()
            && !SWITCHED_OFF.matcher(arguments).matches()) {
          throw new PalimpsestException(
              "The network's code (%s) runs parts in fewer bits with torch.autocast, which is not done here. Script it without, or save it with torch.jit.trace."
                  .formatted(file.entry()));
        }
      }
    }
  }
}
