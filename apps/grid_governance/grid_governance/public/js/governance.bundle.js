import "./template_names";
import "./charts";
import "./time_zone";
import "./home";
import "./blocks";
import "./small_screen";
