import "./template_names";
import "./charts";
import "./labels";
import "./numbers";
import "./time_zone";
import "./home";
import "./blocks";
import "./small_screen";
